"""The words of the product as frozen data: fields, kinds, operations, calls, changes, problems. No I/O."""
