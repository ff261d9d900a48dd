"""A data centre to practise on: XenServer pools and a CloudStack that speak the real wire protocols on loopback.

Start it with ``python -m lab``. It imports nothing of the product, and the product nothing of it.
"""
