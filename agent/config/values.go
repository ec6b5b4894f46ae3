package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/idwatch/idwatch/agent/strict"
)

// setText sets a scalar, or the only element of a list, from its text. It returns what is wrong with it, or "".
// It is the one way in for the file, for defaults and for overrides.
func setText(v reflect.Value, f field, text string) string {
	if problem := checkText(f, text); problem != "" {
		return problem
	}
	switch into := v.Addr().Interface().(type) {
	case *string:
		*into = text
	case *[]string:
		*into = []string{text}
	case *bool:
		if text != "true" && text != "false" {
			return "want true or false"
		}
		*into = text == "true"
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return "want a whole number"
		}
		*into = n
	case *Size:
		n, ok := parseSize(text)
		if !ok {
			return "want a size such as 256MiB or 4GiB"
		}
		*into = n
	case *time.Duration:
		d, ok := ParseDuration(text)
		if !ok {
			return "want a duration such as 15m or 7d"
		}
		*into = d
	default:
		return "cannot hold a value" // unreachable while the tests of the schema pass
	}
	return checkBounds(v, f)
}

// checkText says what is wrong with a text whatever its type.
func checkText(f field, text string) string {
	switch {
	case f.need && text == "":
		return "is empty"
	case !utf8.ValidString(text):
		return "is not UTF-8"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "has a line break or another control character in it"
	case f.enum != nil && !slices.Contains(f.enum, text):
		return "unknown value" + strict.OneOf(text, f.enum)
	}
	return ""
}

// checkBounds compares a number, size or duration with the min and max of its tag.
func checkBounds(v reflect.Value, f field) string {
	if v.Kind() != reflect.Int && v.Kind() != reflect.Int64 {
		return ""
	}
	least, most := bound(v.Type(), f.min), bound(v.Type(), f.max)
	switch {
	case f.min != "" && v.Int() < least:
		return "is too small (at least " + f.min + ")"
	case f.max != "" && v.Int() > most:
		return "is too large (at most " + f.max + ")"
	case v.Int() < 0:
		return "is negative"
	}
	return ""
}

// bound reads a min or max tag in the type of the key it stands on.
func bound(t reflect.Type, tag string) int64 {
	if tag == "" {
		return 0
	}
	v := reflect.New(t).Elem()
	if problem := setText(v, field{}, tag); problem != "" {
		panic("bound " + tag + ": " + problem) // a tag of this package is wrong: the tests see it
	}
	return v.Int()
}

// textOf is the inverse of setText for scalars.
func textOf(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case string:
		return value
	case bool:
		return strconv.FormatBool(value)
	case int:
		return strconv.Itoa(value)
	case Size:
		return value.String()
	case time.Duration:
		return value.String()
	}
	return ""
}

// typeName says in the documentation what a value looks like.
func typeName(t reflect.Type, f field) string {
	switch {
	case f.enum != nil:
		return strings.Join(f.enum, " | ")
	case t == reflect.TypeFor[Size]():
		return "size"
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case f.file == "dir":
		return "directory"
	case f.file == "file":
		return "file"
	}
	switch t.Kind() {
	case reflect.Slice:
		return "text or list"
	case reflect.Bool:
		return "true | false"
	case reflect.Int:
		return "number"
	}
	return "text"
}
