// Package hosttest holds tests of the plugin as a library: in a small host of ours in C, which calls it as Fluent Bit 4
// and 5 do, and in a real Fluent Bit where the environment variable FLUENT_BIT names one. Other tests build host and library
// with it.
package hosttest
