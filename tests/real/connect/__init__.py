# SPDX-License-Identifier: Apache-2.0
"""`waxseal connect` beside `openssl s_client`, on the servers of the street."""
