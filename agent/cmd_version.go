package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// What the linker is told, with -X main.version=1.2.3 -X main.commit=…; empty in other builds.
var version, commit string

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and Go version",
		Args:  cobra.NoArgs,
		RunE: begun(func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), versionText(debug.ReadBuildInfo()))
			return err
		}),
	}
}

// versionText prefers what the linker was told to what Go noted by itself: a build outside a checkout notes nothing.
func versionText(info *debug.BuildInfo, ok bool) string {
	var noted struct{ version, commit string }
	if ok {
		noted.version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				noted.commit = s.Value
			}
		}
	}
	return fmt.Sprintf("idwatch %s\ncommit %s\n%s\n",
		cmp.Or(version, noted.version, "(devel)"), cmp.Or(commit, noted.commit, "unknown"), runtime.Version())
}
