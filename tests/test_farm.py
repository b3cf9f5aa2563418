"""A build farm: boards are built through real Slurm, whose daemons run on this machine."""

import getpass
import os
import re
import shutil
import socket
import subprocess
import time

import pytest
from helpers.hardware import Workshop
from helpers.render import render, run

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "tclsh")
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
BOARDS = ["Pynq-Z1", "Pynq-Z2", "ZCU104"]
# The README's and docs/build.md's own words.
LAUNCH = "srun -c8 --mem=32G"


def why_not():
    """Return why Slurm cannot be started here, or None."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if missing:
        return f"no {', '.join(missing)} here (Debian: slurmctld slurmd slurm-client munge tcl)"
    if os.geteuid() != 0:
        return f"Slurm's daemons are started by root, and this is {getpass.getuser()}"
    return None


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def configuration(folder):
    """Return a slurm.conf for one node, this machine, that claims to be large."""
    host = socket.gethostname().split(".")[0]
    control, node = free_ports(2)
    return f"""\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
SlurmdUser=root
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmdSpoolDir={folder}/spool
StateSaveLocation={folder}/state
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=32 RealMemory=200000 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES State=UP
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """Start munge and Slurm on this machine; give the variables that lead srun to them."""
    if reason := why_not():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    folder = tmp_path_factory.mktemp("slurm")
    for name in ("spool", "state"):
        (folder / name).mkdir()
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o600)
    (folder / "slurm.conf").write_text(configuration(folder))
    environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": PATH}
    files = [f"--{kind}-file={folder}/munge.{kind}" for kind in ("key", "pid", "log", "seed")]
    munge = ["munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *files]
    logs = [(folder / f"{name}.log").open("w") for name in ("munged", "slurmctld", "slurmd")]
    daemons = [
        subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})
        for command, log in zip((munge, ["slurmctld", "-D"], ["slurmd", "-D"]), logs, strict=True)
    ]
    try:
        deadline = time.monotonic() + 60
        while run("srun", "true", check=False, **environment).returncode:
            if time.monotonic() > deadline:
                said = "\n".join((folder / f"{n}.log").read_text() for n in PROGRAMS[:3])
                pytest.fail(f"Slurm did not come up:\n{said}")
        yield environment
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait()
        for log in logs:
            log.close()


@pytest.fixture
def vision(farm, template, tmp_path):
    """A workshop, and a repository with one overlay for three boards."""
    answers = {"platforms": ["edge"], "boards": BOARDS, "overlays": ["fft"]}
    return Workshop(tmp_path / "workshop"), render(template, tmp_path / "vision", **answers)


def make(farm, vision, *arguments, **settings):
    workshop, repository = vision
    environment = {**farm, **workshop.environment(**settings)}
    command = ["make", "-C", repository / "boards", "-j20", f"LAUNCH={LAUNCH}", *arguments]
    return run(*command, check=False, **environment)


def jobs_since(farm, before):
    """Return how many jobs Slurm has taken since it said `before`."""
    return next_job(farm) - before


def next_job(farm):
    return int(
        re.search(r"NEXT_JOB_ID *= *(\d+)", run("scontrol", "show", "config", **farm).stdout)[1]
    )


def test_three_boards_are_built_by_slurm(farm, vision):
    workshop, repository = vision
    before = next_job(farm)
    done = make(farm, vision)
    assert done.returncode == 0, done.stderr
    assert len(workshop.runs()) == 6
    assert jobs_since(farm, before) == 6
    for board in BOARDS:
        assert (repository / "boards" / board / "fft/fft.bit").is_file()
    before = next_job(farm)
    assert make(farm, vision).returncode == 0
    assert jobs_since(farm, before) == 0


def test_a_board_that_fails_is_reported_as_such(farm, vision):
    _, repository = vision
    failed = make(farm, vision, BREAK="Pynq-Z2/fft impl_1 fail")
    assert failed.returncode != 0
    said = [line for line in failed.stderr.splitlines() if line.startswith("Pynq-Z2/fft: ")]
    assert len(said) == 1 and "[Place 30-494] The design does not fit" in said[0]
    assert not (repository / "boards/Pynq-Z2/fft/fft.bit").exists()
    for board in ("Pynq-Z1", "ZCU104"):
        assert (repository / "boards" / board / "fft/fft.bit").is_file()


def test_a_job_that_slurm_refuses_is_reported_as_such(farm, vision):
    _, repository = vision
    failed = make(farm, vision, "Pynq-Z2", "LAUNCH=srun -p nowhere")
    assert failed.returncode != 0
    assert "Pynq-Z2/fft: kernels failed" in failed.stderr
    assert "srun: error: invalid partition specified: nowhere" in failed.stderr
    assert not (repository / "boards/Pynq-Z2/fft/fft.bit").exists()
