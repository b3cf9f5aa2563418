# The template's file: `copier update` merges its changes with yours.
# update_branch.sh: put the template's newest version on a branch of its own, to be reviewed
#
# Runs `copier update` in a work tree beside yours, which it does not touch, and prints the name of the
# branch, or nothing if there is nothing new. The commit's message names the conflicts that it holds.
set -eu
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'git worktree remove --force "$folder/work" 2>/dev/null || :; rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
git worktree add --quiet --detach "$folder/work"

version() {
  sed -n "s/^_commit: *//p" .copier-answers.yml | tr -d "\"'"
}

(cd "$folder/work" && copier update --defaults --quiet) >&2
cd "$folder/work"
branch=template-$(version)
if [ -z "$(git status --porcelain)" ]; then
  echo "Nothing new in the template: this is $(version)." >&2
  exit
fi
if git rev-parse --quiet --verify "refs/heads/$branch" >/dev/null ||
  git ls-remote --exit-code --heads origin "$branch" >/dev/null 2>&1; then
  echo "There is a branch $branch already: merge it, or delete it to have it made again." >&2
  exit
fi

title="Update to $(version) of the overlay template"
conflicts=$(git diff --name-only --diff-filter=U | sed 's/^/- /')
if [ "$conflicts" ]; then
  title="$title, with conflicts"
  text="Settle the conflicts in these files before you merge:

$conflicts"
else
  text='There are no conflicts. The changelog of the template says if there is anything to do.'
fi
git switch --quiet --create "$branch"
git add --all
git commit --quiet --no-verify --message "$title" --message "$text"
echo "$branch"
