"""What spark-submit runs: `python -m billing.spark` of the installed package."""
import sys

from billing.spark.__main__ import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
