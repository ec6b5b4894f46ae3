// Package main is out_idwatch.so, the output plugin "idwatch" of Fluent Bit.
//
// Fluent Bit calls the exported functions from its own threads, several instances and several flushes at a time. None
// of them panics, waits without limit or ends the process: it is somebody else's. Everything that is not the interface
// itself stands in the other files, which know nothing of C.
package main

// #include <stddef.h>
import "C"

import (
	"log/slog"
	"os"
	"runtime/debug"
	"syscall"
	"unsafe"

	"github.com/fluent/fluent-bit-go/output"
)

const (
	pluginName        = "idwatch"
	pluginDescription = "Detects abuse of identities in audit records and ships them as ECS documents"
)

func main() {} // a shared library has one and never runs it

// FLBPluginRegister tells Fluent Bit the plugin's name. It is called again at every reload, before the old instances end.
//
//export FLBPluginRegister
func FLBPluginRegister(def unsafe.Pointer) (answer C.int) {
	defer rescue("register", &answer, -1)
	return C.int(output.FLBPluginRegister(def, pluginName, pluginDescription))
}

// FLBPluginUnregister frees what FLBPluginRegister allocated.
//
//export FLBPluginUnregister
func FLBPluginUnregister(def unsafe.Pointer) {
	var answer C.int
	defer rescue("unregister", &answer, 0)
	output.FLBPluginUnregister(def)
}

// FLBPluginInit starts an instance. What plugin points to is used again for the next instance: nothing of it is kept.
// Any answer but FLB_OK ends Fluent Bit.
//
//export FLBPluginInit
func FLBPluginInit(plugin unsafe.Pointer) (answer C.int) {
	defer rescue("init", &answer, output.FLB_ERROR)
	settings := readSettings(func(key string) string { return output.FLBPluginConfigKey(plugin, key) })
	log := newLogger()
	in, err := start(settings, openEngine, log)
	if err != nil {
		log.Error("instance not started", "err", err)
		return output.FLB_ERROR
	}
	in.initThread = syscall.Gettid()
	output.FLBPluginSetContext(plugin, in) // once for each instance: its memory is never freed
	return output.FLB_OK
}

// FLBPluginFlushCtx takes one chunk. The memory at data is Fluent Bit's and gone after the return.
//
//export FLBPluginFlushCtx
func FLBPluginFlushCtx(ctx, data unsafe.Pointer, length C.size_t, _ *C.char) (answer C.int) {
	defer rescue("flush", &answer, output.FLB_RETRY)
	in, ok := output.FLBPluginGetContext(ctx).(*instance)
	if !ok {
		return output.FLB_RETRY
	}
	if in.flush(unsafe.Slice((*byte)(data), int(length)), syscall.Gettid()) {
		return output.FLB_OK
	}
	return output.FLB_RETRY
}

// FLBPluginExitCtx ends an instance. Because it is here, Fluent Bit calls no FLBPluginExit.
//
//export FLBPluginExitCtx
func FLBPluginExitCtx(ctx unsafe.Pointer) (answer C.int) {
	defer rescue("exit", &answer, output.FLB_OK)
	if in, ok := output.FLBPluginGetContext(ctx).(*instance); ok {
		in.exit()
	}
	return output.FLB_OK
}

// rescue turns a panic into an answer. Only the stack is logged: the value of a panic may quote a record.
func rescue(callback string, answer *C.int, instead C.int) {
	if recover() != nil {
		newLogger().Error("panic in callback", "callback", callback, "stack", string(debug.Stack()))
		*answer = instead
	}
}

// newLogger logs where Fluent Bit does.
func newLogger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, nil)).With("plugin", pluginName)
}
