#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names the scenarios beside this script, one a line.
cd "$(dirname "$0")" && ls -- *.peer
