# SPDX-License-Identifier: Apache-2.0
"""`waxseal send` delivers through real servers: AUTH, extensions, bytes, memory."""
