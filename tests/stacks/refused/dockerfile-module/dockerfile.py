from collections import Counter
from typing import Final
