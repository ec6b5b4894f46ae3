package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// dice are random numbers and the identifiers vendors make of them.
type dice struct{ *rand.Rand }

func newDice(seed uint64, label string) *dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(label))
	return &dice{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// chance is true in p of 100 cases.
func (d *dice) chance(p int) bool { return d.IntN(100) < p }

// seconds is a pause between two bounds, with milliseconds as nobody acts on the full second.
func (d *dice) seconds(low, high int) time.Duration {
	return time.Duration(low)*time.Second + time.Duration(d.Int64N(int64(high-low+1)*1000))*time.Millisecond
}

// around is a normal spread about zero.
func (d *dice) around(width time.Duration) time.Duration {
	return time.Duration(d.NormFloat64() * float64(width)).Truncate(time.Millisecond)
}

func (d *dice) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(d.Uint32())
	}
	return b
}

func (d *dice) uuid() string {
	b := d.bytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (d *dice) hex(n int) string    { return hex.EncodeToString(d.bytes(n)) }
func (d *dice) base64(n int) string { return base64.RawURLEncoding.EncodeToString(d.bytes(n)) }

const (
	base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

func (d *dice) letters(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.IntN(len(alphabet))]
	}
	return string(b)
}

// oktaID is an identifier as Okta makes them: three characters for the kind, 17 more.
func (d *dice) oktaID(kind string) string { return kind + d.letters(base62, 20-len(kind)) }

// awsID is an identifier as AWS makes them: AKIA, ASIA, AROA or AIDA and what follows.
func (d *dice) awsID(kind string, n int) string { return kind + d.letters(base32, n) }

func pick[T any](d *dice, list []T) T { return list[d.IntN(len(list))] }
