"""Digital goods: the files of variants, what buyers may download, and license keys."""
