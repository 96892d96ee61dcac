"""Spark: training, asking and evaluating past one machine; nothing else imports pyspark.

`session` opens Spark and says what is wrong with it, everything else gets the session that it opened.
"""
