# SPDX-License-Identifier: Apache-2.0
"""A street of real mail servers on loopback, for tests and measurements."""
