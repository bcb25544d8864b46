"""Bills inside Apache Spark: the kernel in the tasks, Spark's scheduler, shuffle, sources and sinks around it.

    python -m billing.spark bill --cycle month logs/*.log --output bill.csv --master 'local[*,4]'

Needs pyspark 4.0 and pyarrow: pip install './python[spark]'. See docs/spark.md.
"""
