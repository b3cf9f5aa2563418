#!/bin/sh
# A strict stand-in for create_vitis_afi.sh of aws-fpga; see README.md.
for option; do
  case $option in
    -xclbin=*) xclbin=${option#*=} ;;
    -o=*) output=${option#*=} ;;
    -s3_bucket=?* | -s3_dcp_key=?* | -s3_logs_key=?*) ;;
    *) echo "ERROR: unknown option $option"; exit 1 ;;
  esac
done
echo "create_vitis_afi $(basename "$(dirname "$PWD")")/$(basename "$PWD")" >>"$STANDIN_RECORD"
cp "$xclbin" "$output.awsxclbin"
