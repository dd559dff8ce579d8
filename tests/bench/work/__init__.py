"""What the measured processes run; each module is run by ``python -m``, in either environment."""
