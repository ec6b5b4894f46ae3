package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manualCommand writes manual pages and shell completions, for packages.
func manualCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "manual DIR",
		Short:  "Write manual pages and shell completions into a folder",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE:   begun(func(cmd *cobra.Command, args []string) error { return writeManual(cmd.Root(), args[0]) }),
	}
}

// manualDate stands on every page: what is built twice has to be equal.
var manualDate = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func writeManual(root *cobra.Command, dir string) error {
	pages, completions := filepath.Join(dir, "man", "man1"), filepath.Join(dir, "completion")
	for _, folder := range []string{pages, completions} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	root.DisableAutoGenTag = true
	date := manualDate
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "idwatch", Manual: "idwatch", Date: &date}, pages); err != nil {
		return fmt.Errorf("write manual pages: %w", err)
	}
	for shell, write := range map[string]func(string) error{
		"bash": func(path string) error { return root.GenBashCompletionFileV2(path, true) },
		"zsh":  root.GenZshCompletionFile,
		"fish": func(path string) error { return root.GenFishCompletionFile(path, true) },
	} {
		if err := write(filepath.Join(completions, shell)); err != nil {
			return fmt.Errorf("write completion: %w", err)
		}
	}
	return nil
}
