"""What the centre runs: from a built site, a signed release that mirrors can prove.

    keys → areas → packs and deltas → note → signatures → pointers

A release is a folder of plain files for any web server:

    OUT/
      metadata/     TUF metadata: 1.root.json …, 12.targets.json, 12.snapshot.json, timestamp.json
      targets/      objects, named by their SHA-256: the note, packs, deltas, mirror.sh
      plain/        the same objects for hosts without Python: latest, allowed_signers and
                    12/SHA256SUMS with its SSH signature

`timestamp.json` and `plain/latest` are the only files that ever change; they are written last.
"""
