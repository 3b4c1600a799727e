package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

const envPrefix = "CRMSYNC_"

// Source says where to read from. Environ and Overrides may be nil.
type Source struct {
	// File is the YAML file; empty reads none.
	File string
	// Environ holds KEY=value, as os.Environ gives it.
	Environ []string
	// Overrides are key=value pairs given as flags; they win.
	Overrides []string
}

// Load merges defaults, file, environment and overrides, and validates the result.
func Load(src Source) (Config, error) {
	c := Default()
	known := Keys()
	k := koanf.New(".")
	if src.File != "" {
		if err := k.Load(file.Provider(src.File), yaml.Parser()); err != nil {
			if errors.Is(err, os.ErrNotExist) {
				return c, fmt.Errorf("configuration file %s does not exist; `crmsync init` writes one", src.File)
			}
			return c, fmt.Errorf("read configuration %s: %w", src.File, err)
		}
		if err := unknown(k.Keys(), known, src.File); err != nil {
			return c, err
		}
	}
	env, err := fromEnv(src.Environ, known)
	if err != nil {
		return c, err
	}
	flags, err := fromPairs(src.Overrides, known)
	if err != nil {
		return c, err
	}
	for _, m := range []map[string]any{env, flags} {
		if err := k.Load(confmap.Provider(m, "."), nil); err != nil {
			return c, fmt.Errorf("merge configuration: %w", err)
		}
	}
	if err := k.Unmarshal("", &c); err != nil {
		return c, fmt.Errorf("configuration %s: %w", src.File, err)
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("configuration %s is not valid:\n%w", src.File, err)
	}
	return c, nil
}

// Keys returns every key of the configuration, sorted. A key that ends in ".*" takes any names below it.
func Keys() []string {
	keys := collect(reflect.TypeFor[Config](), "")
	slices.Sort(keys)
	return keys
}

func collect(t reflect.Type, prefix string) []string {
	var keys []string
	for f := range t.Fields() {
		key := prefix + f.Tag.Get("koanf")
		switch f.Type.Kind() {
		case reflect.Struct:
			keys = append(keys, collect(f.Type, key+".")...)
		case reflect.Map:
			keys = append(keys, key+".*")
		default:
			keys = append(keys, key)
		}
	}
	return keys
}

func isKnown(key string, known []string) bool {
	return slices.ContainsFunc(known, func(k string) bool {
		if open, ok := strings.CutSuffix(k, "*"); ok {
			return strings.HasPrefix(key+".", open)
		}
		return k == key
	})
}

func unknown(keys, known []string, where string) error {
	var errs []error
	for _, key := range keys {
		if !isKnown(key, known) {
			errs = append(errs, fmt.Errorf("%s: unknown key %q; did you mean %q?", where, key, Nearest(key, known)))
		}
	}
	return errors.Join(errs...)
}

// Nearest returns the candidate with the smallest edit distance to the word.
func Nearest(word string, candidates []string) string {
	return slices.MinFunc(candidates, func(a, b string) int {
		return levenshtein.ComputeDistance(word, a) - levenshtein.ComputeDistance(word, b)
	})
}

func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// fromEnv takes the variables that name a key. Variables for tests and for secrets that are no keys are not looked at.
func fromEnv(environ, known []string) (map[string]any, error) {
	byName := map[string]string{}
	for _, k := range known {
		byName[envName(k)] = k
	}
	values := map[string]any{}
	var errs []error
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || strings.HasPrefix(name, envPrefix+"TEST_") || slices.Contains(secretNames, name) || name == FileVariable {
			continue
		}
		key, ok := byName[name]
		if !ok {
			names := make([]string, 0, len(known))
			for _, k := range known {
				names = append(names, envName(k))
			}
			errs = append(errs, fmt.Errorf("environment: unknown variable %s; did you mean %s?", name, Nearest(name, names)))
			continue
		}
		values[key] = value
	}
	return values, errors.Join(errs...)
}

func fromPairs(pairs, known []string) (map[string]any, error) {
	values := map[string]any{}
	for _, p := range pairs {
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			return nil, fmt.Errorf("--set %q: write it as key=value", p)
		}
		if !isKnown(key, known) {
			return nil, fmt.Errorf("--set: unknown key %q; did you mean %q?", key, Nearest(key, known))
		}
		values[key] = value
	}
	return values, nil
}

// FileVariable names the environment variable that holds the configuration file's path.
const FileVariable = envPrefix + "CONFIG"

// Environment variables that hold secrets themselves, for those who keep none in files.
const (
	PrivateKeyVariable   = envPrefix + "SALESFORCE_PRIVATE_KEY"
	ClientSecretVariable = envPrefix + "SALESFORCE_CLIENT_SECRET"
	SnapshotKeyVariable  = envPrefix + "SNAPSHOTS_KEY"
)

var secretNames = []string{PrivateKeyVariable, ClientSecretVariable, SnapshotKeyVariable}

// SecretFrom returns the secret in the variable, else the content of the file, else nothing.
func SecretFrom(variable, path string) (Secret, error) {
	if v := os.Getenv(variable); v != "" {
		return Secret(v), nil
	}
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	return Secret(strings.TrimSpace(string(b))), nil
}
