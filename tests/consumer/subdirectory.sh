#!/usr/bin/env bash
# Builds the consumer project with the library as a part of it. usage: subdirectory.sh BUILD_DIR
set -euo pipefail
source "$(dirname "$0")/build_and_run.sh"
source_folder=$(cd "$(dirname "$0")/../.." && pwd)
launcher=()
if command -v ccache > /dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi

# Kept between runs, so that only the first one compiles everything.
for shared in OFF ON; do
  build_and_run "$1/consumer" -DAIROUTER_SOURCE="$source_folder" -DCMAKE_BUILD_TYPE=Debug -DBUILD_SHARED_LIBS=$shared "${launcher[@]}"
  found=OFF
  [[ $(ldd "$1/consumer/consumer") != *libairouter.so.* ]] || found=ON
  if [[ $found != "$shared" ]]; then
    echo "BUILD_SHARED_LIBS is $shared, but the consumer links the shared library: $found"
    exit 1
  fi
done
if [[ -e $1/consumer/airouter/airouterd ]]; then
  echo "the server was built although the library is only a part of another project"
  exit 1
fi
