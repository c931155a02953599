"""A small company to try the server with; loaded through the API's own operations, so that its history is real."""

from batchwright.demo.keeping import bring as bring
from batchwright.demo.keeping import keep as keep
from batchwright.demo.loading import administrator as administrator
from batchwright.demo.loading import emails as emails
from batchwright.demo.loading import load as load
from batchwright.demo.loading import password as password
