"""Files and license keys that vendors sell."""
