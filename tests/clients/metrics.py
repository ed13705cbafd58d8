"""Reads metrics as Prometheus does: python3 metrics.py < METRICS

The parser refuses what OpenMetrics does not allow. Prints the type of each metric as JSON.
"""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

families = list(text_string_to_metric_families(sys.stdin.read()))
assert families
print(json.dumps({family.name: family.type for family in families}))
