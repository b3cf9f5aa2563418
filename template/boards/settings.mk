# How this repository is built. Remove a # to set something for everybody; for yourself, give it to make:
# make -C boards LAUNCH='srun -c8 --mem=32G'

# The release of Vivado and Vitis to build with, instead of the one that common/*.mk name. It is asked for
# before a tool starts, and another release builds everything anew. One board's Makefile may set it too.
# VIVADO_VERSION := 2023.2

# What to put before every long run of a tool: a queue, a container.
# LAUNCH := srun -c8 --mem=32G

# Board files that Vivado has not installed, in a folder from / or as seen from boards/.
# BOARD_REPO := board_files

# How many jobs one Vivado starts.
# VIVADO_JOBS := 4
