#!/usr/bin/env python3
"""Checks the file that a tracking page gives out under "who opened my report": offline, trusting nobody but the log's key.

Usage: verify_access.py FILE --key KEY [--witness KEY ...] [--earlier FILE] [--log FOLDER] [--lang zh|en]

  KEY      the log's public key, as `anlan log key` prints it; ask more than one source for it
  witness  a witness that must have cosigned, by its key; may be given more than once
  earlier  a file you fetched before: none of its entries may be missing now
  log      a copy of the whole log: no further entry about the case may be in it

Exit code: 0 all is right, 1 something is wrong, 2 the file or the command cannot be read.
The formats: docs/handbook/access-log.md; needs Python 3.9 and the package `cryptography`.
"""
import argparse, base64, datetime, hashlib, hmac, json, pathlib, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

class Wrong(Exception):
    """What was found, Chinese and English."""
def number(n):
    return n.to_bytes(8, "big")
def sized(data):
    return number(len(data)) + data

def unbase64(text, length=None):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text or (length is not None and len(data) != length):
        raise ValueError("not the base64 of %s bytes: %r" % (length, text))
    return data

def mac(key, label, *parts):
    return hmac.new(key, label.encode() + b"".join(parts), hashlib.sha256).digest()
def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()

def read_key(text, kind):
    """Name, id and public key of `name+id+base64(kind, key)`; kind 1 signs notes, 4 cosigns."""
    name, key_id, coded = text.strip().split("+", 2)
    data = unbase64(coded, 33)
    right = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if data[0] != kind or right.hex() != key_id:
        raise ValueError("not a key of this kind: " + text)
    return name, right, Ed25519PublicKey.from_public_bytes(data[1:])

def signed_by(note, key, kind):
    """The note's text, once its signature by this key is right."""
    text, lines = note.rsplit("\n\n", 1)
    text += "\n"
    (name, key_id, public), found = key, False
    for line in lines.removesuffix("\n").split("\n"):
        dash, signer, coded = line.split(" ")
        data = unbase64(coded)
        if dash != "\u2014" or signer != name or data[:4] != key_id:
            continue
        message, signature = text, data[4:]
        if kind == 4:
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = "cosignature/v1\ntime %d\n%s" % (time, text)
        try:
            public.verify(signature, message.encode())
        except InvalidSignature:
            raise Wrong("%s 的签名不对" % name, "the signature of %s is wrong" % name) from None
        found = True
    if not found:
        raise Wrong("没有 %s 的签名" % name, "there is no signature of %s" % name)
    return text

def read_checkpoint(note, key, witnesses):
    text = signed_by(note, key, 1)
    for witness in witnesses:
        signed_by(note, witness, 4)
    origin, size, root = text.split("\n")[:3]
    if origin != key[0] or str(int(size)) != size:
        raise Wrong("签名的不是这个日志", "what is signed is not this log")
    return int(size), unbase64(root, 32)

def is_included(leaf, index, size, proof, root):
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for sibling in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = node(sibling, found)
            while at % 2 == 0 and at:
                at, last = at // 2, last // 2
        else:
            found = node(found, sibling)
        at, last = at // 2, last // 2
    return last == 0 and found == root
def subject(key, case, place):
    return mac(key, "tlog-commitment/v1\n", sized(number(case)), sized(number(place)))

def check_case(part, size, root):
    """Every entry of a case: about it, linked to the one before, in the log. Leaves by their numbers in the log."""
    if type(part["ended"]) is not bool or not part["key"] and not part["entries"]:
        return {}
    key, case = unbase64(part["key"], 32), part["case"]
    link, found, before = mac(key, "tlog-chain-start/v1\n"), {}, -1
    for place, entry in enumerate(part["entries"]):
        leaf, index = entry["leaf"].encode(), entry["index"]
        said = json.loads(leaf)
        wrong = lambda zh, en: Wrong("第 %d 条（日志第 %s 号）：%s" % (place + 1, index, zh),
                                     "entry %d (number %s in the log): %s" % (place + 1, index, en))
        if json.dumps(said, sort_keys=True, separators=(",", ":")).encode() != leaf:
            raise wrong("写法不规范", "not in the one spelling")
        if said.get("subject") != base64.b64encode(subject(key, case, place)).decode():
            raise wrong("不是本案的这一条", "it is not about this case in this place")
        if said.get("previous") != base64.b64encode(link).decode():
            raise wrong("没有接上前一条，中间有缺漏或改动", "it does not follow on the one before it: something was dropped or changed")
        proof = [unbase64(line, 32) for line in entry["proof"]]
        if type(index) is not int or index <= before or not is_included(leaf, index, size, proof, root):
            raise wrong("不在已签名的日志中", "it is not in the signed log")
        link = mac(key, "tlog-chain-next/v1\n", number(place), link, sized(leaf))
        found[index], before = entry["leaf"], index
    return found

def bundle(folder, number, width):
    """The bytes of a bundle: of the partial one where there is no full one."""
    digits = "%0*d" % (3 * -(-len(str(number)) // 3), number)
    groups = [digits[at:at + 3] for at in range(0, len(digits), 3)]
    path = pathlib.Path(folder, "tile/entries", *["x" + group for group in groups[:-1]], groups[-1])
    return (path if path.exists() else path.with_name(path.name + ".p") / str(width)).read_bytes()

def check_whole(parts, folder, size, root):
    """No further entry about the cases that the report has not left is in the log whose copy lies in this folder."""
    wanted = {}
    for part in parts:
        if part["key"] and (part is parts[-1] or not part["ended"]):
            next_one = subject(unbase64(part["key"], 32), part["case"], len(part["entries"]))
            wanted[base64.b64encode(next_one).decode()] = part["case"]
    tree = []
    for first in range(0, size, 256):
        data = bundle(folder, first // 256, min(256, size - first))
        for count in range(first + 1, min(first + 256, size) + 1):
            length = int.from_bytes(data[:2], "big")
            leaf, data = data[2:2 + length], data[2 + length:]
            case = wanted.get(json.loads(leaf).get("subject"))
            if case is not None:
                raise Wrong("日志第 %d 号也与案件 %d 有关，文件中却没有" % (count - 1, case),
                            "number %d in the log is about case %d too and is not in the file" % (count - 1, case))
            top = hashlib.sha256(b"\x00" + leaf).digest()
            while count % 2 == 0:
                top, count = node(tree.pop(), top), count // 2
            tree.append(top)
    top = tree.pop() if tree else hashlib.sha256(b"").digest()
    for left in reversed(tree):
        top = node(left, top)
    if top != root:
        raise Wrong("日志副本与签名不符", "the copy of the log is not what was signed")

def check(path, key_text, witnesses):
    file, key = json.loads(pathlib.Path(path).read_text(encoding="utf-8")), read_key(key_text, 1)
    if file["format"] != "anlan-access-proof/1":
        raise ValueError("unknown format " + str(file["format"]))
    if file["log"] != key_text.strip():
        raise Wrong("文件出自另一个日志：%s" % file["log"], "the file is of another log: %s" % file["log"])
    size, root = read_checkpoint(file["checkpoint"], key, [read_key(text, 4) for text in witnesses])
    found = {}
    for part in file["cases"]:
        found.update(check_case(part, size, root))
    return found, file["cases"], size, root

def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["file", "--earlier", "--log"]:
        options.add_argument(name)
    options.add_argument("--key", required=True)
    options.add_argument("--witness", action="append", default=[])
    options.add_argument("--lang", choices=["zh", "en"], default="en")
    given = options.parse_args()
    say = lambda zh, en: print(zh if given.lang == "zh" else en)
    try:
        found, parts, size, root = check(given.file, given.key, given.witness)
        if given.earlier:
            for index, leaf in check(given.earlier, given.key, [])[0].items():
                if found.get(index) != leaf:
                    raise Wrong("以前的文件中有日志第 %d 号记录，现在没有了" % index,
                                "number %d in the log was in the earlier file and is gone" % index)
        if given.log:
            check_whole(parts, given.log, size, root)
    except Wrong as wrong:
        say("有问题：" + wrong.args[0], "WRONG: " + wrong.args[1])
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        say("读不懂：%s" % error, "cannot be read: %s" % error)
        return 2
    for index, leaf in sorted(found.items()):
        said = json.loads(leaf)
        when = datetime.datetime.fromtimestamp(said["time"] / 1000, datetime.timezone.utc)
        print("%8d  %s  %-14s  %-11s  %s" % (index, when.strftime("%Y-%m-%d %H:%M:%S"), said["action"], said["purpose"],
                                              said.get("actor", "-")[:8]))
    say("全部正确：%d 条记录，每案首尾相接，都在共 %d 条的已签名日志中。" % (len(found), size),
        "All is right: %d entries, no gap in any case, all of them in the signed log of %d." % (len(found), size))
    return 0

if __name__ == "__main__":
    sys.exit(main())
