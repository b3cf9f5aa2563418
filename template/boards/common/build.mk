# The template's file: `copier update` merges its changes with yours.
# The build of one overlay for one board; the board's Makefile says what it is about and includes this.
#
# Results go by content, not by time: <overlay>.digest has the sha256 of every input that the results
# were made from. While today's inputs have the same digest, there is nothing to do.

include ../../settings.mk

NAME := $(BOARD)/$(OVERLAY)
IP := ../../ip/$(OVERLAY)
BUILD := ../../build/$(NAME)

FOLDERS := $(subst /, ,$(CURDIR))
HERE := $(word $(words $(wordlist 2,$(words $(FOLDERS)),$(FOLDERS))),$(FOLDERS))/$(lastword $(FOLDERS))
ifneq ($(NAME),$(HERE))
$(error BOARD and OVERLAY say $(NAME), and the folder is boards/$(HERE); make them agree)
endif

# Each <kernel>.cpp holds the function <kernel>; it may include what else lies in that folder.
KERNELS := $(basename $(notdir $(filter-out %_test.cpp,$(wildcard $(IP)/*.cpp))))
KERNEL_FILES := $(filter-out %_test.cpp %/design.tcl %/link.cfg %.md %~,$(wildcard $(IP)/*))

# What recipes are made of: an end with one sentence, a long step, a tool that LAUNCH may run elsewhere.
quote = '$(subst ','\'',$1)'
stop = sh -c 'printf "%s: %s\n" "$$0" "$$*" >&2; exit 1' '$(NAME)'
step = cd $(BUILD) && sh ../../../common/step.sh $(NAME)
tool = $(if $(LAUNCH),$(LAUNCH) sh ../../../common/tool.sh $(VIVADO_VERSION))
hash := \#
# With LAUNCH a tool is checked where it runs, else here before anything is touched.
check_tool = $(if $(LAUNCH),:,said=$$(sh ../../common/tool.sh $(VIVADO_VERSION) $1) || $(stop) "$${said$(hash)STOP: }")

GOLDEN :=
LEFT_OUT :=
# Sets ENDINGS, SETTINGS and SCRIPTS, the latter two for kernels alone too, and the recipes check,
# kernel_steps and steps. The results are left in build/<board>/<overlay>/result.
include ../../common/$(if $(filter file,$(origin PLATFORM)),vitis,vivado).mk

RESULTS := $(foreach stem,$(OVERLAY) $(OVERLAY)-timing-failed,$(addprefix $(stem).,$(ENDINGS) digest))
OWN_FILES := $(filter-out Makefile design.tcl link.cfg reports %.md %~ $(RESULTS),$(wildcard *))

digest = sh ../../common/digest.sh $(foreach name,$1,$(call quote,$(name)=$($(name)))) -- $2
digest_kernels = $(call digest,$(KERNEL_SETTINGS),$(KERNEL_SCRIPTS) $(KERNEL_FILES))
digest_all = $(call digest,$(SETTINGS),$(SCRIPTS) $(KERNEL_FILES) $(OWN_FILES))

DIGEST := $(shell $(digest_all))
ifndef DIGEST
$(error $(NAME) has no digest, see above)
endif

# "yes" if the results called $1 are all there and made from today's inputs.
missing = $(filter-out $(wildcard $1.*),$(addprefix $1.,$(ENDINGS) digest))
stale = $(filter-out $(shell cat $1.digest),$(DIGEST) $(GOLDEN))
good = $(if $(call missing,$1),,$(if $(call stale,$1),,yes))
DONE := $(or $(call good,$(OVERLAY)),$(if $(ALLOW_TIMING_FAILURE),$(call good,$(OVERLAY)-timing-failed)))

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all inputs list clean begin FORCE

all: $(if $(DONE)$(LEFT_OUT),,$(OVERLAY).digest)
	@$(if $(DONE)$(LEFT_OUT),echo '$(NAME): $(or $(LEFT_OUT),up to date)',:)

inputs:
	@echo '$(DIGEST)  $(NAME)'

list:
	@printf '%-32s %-28s %s\n' '$(NAME)' '$(PART)' \
	  '$(if $(DONE),built,$(if $(wildcard $(OVERLAY).digest),out of date,not built))'

clean:
	@rm -rf $(BUILD) reports $(RESULTS)

begin:
	$(check)
	@! command -v flock >/dev/null || [ ! -e $(BUILD)/lock ] || flock -n $(BUILD)/lock true || \
	  $(stop) 'is being built, maybe by a run that a killed make left behind; wait for it or end it'
	@rm -rf reports $(RESULTS)
	@mkdir -p $(BUILD)

ifndef DONE
KERNEL_DIGEST := $(shell $(digest_kernels))
kernels_done := $(filter $(KERNEL_DIGEST),$(shell cat $(BUILD)/kernels.digest 2>/dev/null))

$(BUILD)/kernels.digest: $(if $(kernels_done),,FORCE) | begin
	@rm -f $@
	$(kernel_steps)
	@echo $(KERNEL_DIGEST) >$@

$(OVERLAY).digest: $(BUILD)/kernels.digest FORCE
	@rm -rf $(BUILD)/result
	$(steps)
	@[ "$$($(digest_all))" = $(DIGEST) ] || $(stop) 'a source changed while it was built, so the result' \
	  'stays in boards/build/$(NAME)/result; type make again'
	@sh ../../common/publish.sh $(BUILD)/result $(OVERLAY) '$(strip $(DIGEST) $(GOLDEN))' $(ENDINGS)
endif
