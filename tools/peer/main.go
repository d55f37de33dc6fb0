// Command peer verifies a log's folder by code that shares nothing with ours: the Go project's sumdb/note and sumdb/tlog.
// It hashes every entry, compares the root with the signed one, and checks every tile of hashes.
//
// Usage: peer FOLDER KEY, in GOPATH mode over Debian's golang-golang-x-mod-dev. Exit code 0: right; 1: wrong.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// hashes are all stored hashes of the tree, in the order of sumdb/tlog.
type hashes []tlog.Hash

func (all hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(all)) {
			return nil, fmt.Errorf("hash %d is not there", index)
		}
		found[i] = all[index]
	}
	return found, nil
}

// read gives a file, or the full one where the partial one is gone.
func read(folder, path string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(folder, path))
	if full, _, isPartial := strings.Cut(path, ".p/"); err != nil && isPartial {
		return os.ReadFile(filepath.Join(folder, full))
	}
	return data, err
}

// name is the part of a path after the level: groups of three digits, all but the last behind an x.
func name(tile tlog.Tile) string {
	return strings.SplitN(tile.Path(), "/", 4)[3]
}

func head(folder, key string) (size int64, root tlog.Hash, err error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return 0, root, err
	}
	data, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return 0, root, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return 0, root, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 3 || lines[0] != verifier.Name() {
		return 0, root, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	if size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return 0, root, err
	}
	coded, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(coded) != len(root) {
		return 0, root, fmt.Errorf("no root: %q", lines[2])
	}
	copy(root[:], coded)
	return size, root, nil
}

// entries hashes every entry.
func entries(folder string, size int64) (all hashes, err error) {
	for first := int64(0); first < size; first += 1 << height {
		width := min64(size-first, 1<<height)
		tile := tlog.Tile{H: height, L: 0, N: first >> height, W: int(width)}
		data, err := read(folder, "tile/entries/"+name(tile))
		if err != nil {
			return nil, err
		}
		for at := first; at < first+width; at++ {
			if len(data) < 2 || len(data) < 2+(int(data[0])<<8|int(data[1])) {
				return nil, fmt.Errorf("entry %d is cut off", at)
			}
			length := int(data[0])<<8 | int(data[1])
			stored, err := tlog.StoredHashes(at, data[2:2+length], all)
			if err != nil {
				return nil, err
			}
			all, data = append(all, stored...), data[2+length:]
		}
	}
	return all, nil
}

func min64(one, other int64) int64 {
	if one < other {
		return one
	}
	return other
}

func verify(folder, key string) (int64, error) {
	size, root, err := head(folder, key)
	if err != nil {
		return 0, err
	}
	all, err := entries(folder, size)
	if err != nil {
		return 0, err
	}
	found, err := tlog.TreeHash(size, all)
	if err != nil {
		return 0, err
	}
	if found != root {
		return 0, fmt.Errorf("the root of the entries is %v, signed is %v", found, root)
	}
	for _, tile := range tlog.NewTiles(height, 0, size) {
		// Some versions name each partial tile that there ever was.
		if last := size >> (height * tile.L) % (1 << height); tile.W < 1<<height && int64(tile.W) != last {
			continue
		}
		right, err := tlog.ReadTileData(tile, all)
		if err != nil {
			return 0, err
		}
		path := fmt.Sprintf("tile/%d/%s", tile.L, name(tile))
		data, err := read(folder, path)
		if err != nil {
			return 0, err
		}
		if len(data) < len(right) || !bytes.Equal(data[:len(right)], right) {
			return 0, fmt.Errorf("%s is not what lies below it", path)
		}
	}
	return size, nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: peer FOLDER KEY")
		os.Exit(2)
	}
	size, err := verify(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "WRONG:", err)
		os.Exit(1)
	}
	fmt.Println("right:", size, "entries")
}
