"""What a mirror runs: fetch a release, prove it, put it in place whole.

Imports neither the generator's libraries nor its other packages, so that a host needs Python,
click and python-tuf only (docs/adr/0014-light-install.md). Nothing reaches the served folder
before every check has passed (`sync`):

    signature → serial not older → not expired → every hash and the exact file set → switch

    DIR/
      current            symbolic link to the snapshot that is served; the web server's root
      snapshots/12/      a whole site, the manifest's files plus `host.js` and `mirror.json`
      host.json          the host's own footer identity, written by its operator
      state/             trust, evidence, unfinished downloads; may be lost: the next sync mends it

A failure of any kind leaves `current` as it was.
"""
