"""Early warning from counts: is this more than usual, here and now?

Two questions, two kinds of functions:

- :func:`scan`: where and when, among many places, did more come than chance lets us expect? Clusters with the
  likelihood ratio, p-values from replications, recurrence intervals.
- :func:`farrington`, :func:`ears`, :func:`cusum`, :func:`ewma`, :func:`glr`: is one series of counts higher than its own
  past lets us expect? One dictionary per time point. :func:`adjust` holds false discoveries over many series.

Data come as sequences, as arrays (anything with ``tolist``) or as data frames (pandas, polars, Arrow tables, a
dictionary of columns) with the columns' names. No other package is needed. What cannot be computed is a
``ValueError`` that says what is wrong and where. Computing lets other Python threads run.
"""

from ._scan import Cluster, ScanResult, scan
from ._temporal import adjust, cusum, ears, ewma, farrington, glr

__all__ = [
    "Cluster",
    "ScanResult",
    "adjust",
    "cusum",
    "ears",
    "ewma",
    "farrington",
    "glr",
    "scan",
]
