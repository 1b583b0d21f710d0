# SPDX-License-Identifier: Apache-2.0
"""A signed DNS on loopback, and the tests that ask it."""
