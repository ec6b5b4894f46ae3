package config

import (
	"fmt"
	"strings"

	"github.com/idwatch/idwatch/agent/strict"
)

// What is wrong with a configuration.
type (
	Error  = strict.Error
	Errors = strict.Errors
)

// hint is the end of an unknown key's message: the key that was probably meant.
func hint(key string, known []string) string {
	if best := strict.Nearest(key, known); best != "" {
		return fmt.Sprintf(" (did you mean %s?)", best)
	}
	for _, k := range Keys() {
		if strings.HasSuffix(k.Path, "."+key) && !strings.Contains(k.Path, "[") {
			return fmt.Sprintf(" (did you mean %s?)", k.Path)
		}
	}
	return ""
}
