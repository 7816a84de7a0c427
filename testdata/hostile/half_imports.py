import
from
from . import
from .... import (
