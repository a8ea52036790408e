"""What the certificates of servers are checked against."""

import ssl


def usual_tls() -> ssl.SSLContext:
    """Return a context that trusts this machine's authorities and Mozilla's; reads files, some 20 ms.

    This machine's, for a company's or a home's own authority; Mozilla's, as an installed program
    does not find the machine's on every system.
    """
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
