package control

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/crmsync/crmsync/schemas"
)

// Wanted is a line of a settings file: the value that a setting is to have.
type Wanted struct {
	schemas.Setting
	// Value is a bool, int64, string or []string, by the setting's type; nil stands for the default.
	Value any
}

// ErrFile says that a file is no settings file.
var ErrFile = errors.New("not a file of settings")

// maxFile bounds what is read of a settings file, in bytes.
const maxFile = 1 << 20

// WriteFile writes settings as YAML, for review and for ReadFile. Every setting has a line with its meaning above it; those that have
// their default are null, so that they follow it when another version has another default.
func WriteFile(w io.Writer, contract string, values []Value) error {
	body := &yaml.Node{Kind: yaml.MappingNode}
	for _, v := range values {
		key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v.Key, HeadComment: fold(v.Doc+" Takes "+v.Allowed()+".", 120)}
		value := &yaml.Node{}
		if v.IsSet {
			if err := value.Encode(v.Value); err != nil {
				return fmt.Errorf("write setting %s: %w", v.Key, err)
			}
		} else {
			usual, err := v.Format(v.Default)
			if err != nil {
				return err
			}
			*value = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null", LineComment: "default: " + usual}
		}
		body.Content = append(body.Content, key, value)
	}
	head := fmt.Sprintf("# Settings of contract %s. null is the default. What this file does not name stays as it is.\n"+
		"# `crmsync settings import FILE --dry-run` shows what the file would change.\n\n", contract)
	var b bytes.Buffer
	b.WriteString(head)
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(body), e.Close()); err != nil {
		return fmt.Errorf("write settings of %s: %w", contract, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write settings of %s: %w", contract, err)
	}
	return nil
}

// fold breaks text at spaces into lines of about so many characters.
func fold(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n")
}

// ReadFile reads a settings file. It reports every mistake at once, each with its line; the errors wrap ErrFile, schemas.ErrUnknownSetting or
// schemas.ErrSettingValue.
func ReadFile(r io.Reader) ([]Wanted, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("the file has more than %d bytes: %w", maxFile, ErrFile)
	}
	var doc yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("the file is empty: %w", ErrFile)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", err, ErrFile)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file holds more than one document: %w", ErrFile)
	}
	body := doc.Content[0]
	if body.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: settings are written as `key: value`: %w", body.Line, ErrFile)
	}
	var all []Wanted
	var mistakes []error
	seen := map[string]int{}
	for i := 0; i+1 < len(body.Content); i += 2 {
		key, value := body.Content[i], body.Content[i+1]
		w, err := wanted(key, value)
		if line, twice := seen[key.Value]; twice && err == nil {
			err = fmt.Errorf("%s is set in line %d already: %w", key.Value, line, ErrFile)
		}
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("line %d: %w", key.Line, err))
			continue
		}
		seen[key.Value] = key.Line
		all = append(all, w)
	}
	return all, errors.Join(mistakes...)
}

// wanted reads one line.
func wanted(key, value *yaml.Node) (Wanted, error) {
	if key.Kind != yaml.ScalarNode {
		return Wanted{}, fmt.Errorf("a key is a setting's name: %w", ErrFile)
	}
	s, err := setting(key.Value)
	if err != nil {
		return Wanted{}, err
	}
	if value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null" {
		return Wanted{Setting: s}, nil
	}
	v, err := read(s, value)
	if err != nil {
		return Wanted{}, err
	}
	// The way through JSON checks the value as every other way does.
	text, err := s.Format(v)
	if err != nil {
		return Wanted{}, err
	}
	v, err = s.Parse(text)
	return Wanted{Setting: s, Value: v}, err
}

// read takes the Go value of a node, which must be of the setting's type as YAML sees it.
func read(s schemas.Setting, n *yaml.Node) (any, error) {
	isText := func(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" }
	switch s.Type {
	case schemas.BoolSetting:
		if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" {
			var v bool
			if err := n.Decode(&v); err == nil {
				return v, nil
			}
		}
		return nil, fmt.Errorf("%s takes true or false: %w", s.Key, schemas.ErrSettingValue)
	case schemas.IntSetting:
		if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!int" {
			var v int64
			if err := n.Decode(&v); err == nil {
				return v, nil
			}
		}
		return nil, fmt.Errorf("%s takes a whole number: %w", s.Key, schemas.ErrSettingValue)
	case schemas.ListSetting:
		if n.Kind != yaml.SequenceNode {
			return nil, fmt.Errorf("%s takes a list, each entry on a line of its own after a dash, or []: %w", s.Key, schemas.ErrSettingValue)
		}
		list := []string{}
		for _, x := range n.Content {
			if !isText(x) {
				return nil, fmt.Errorf("%s: the entry in line %d is no text; put it into quotes: %w", s.Key, x.Line, schemas.ErrSettingValue)
			}
			list = append(list, x.Value)
		}
		return list, nil
	default:
		if !isText(n) {
			return nil, fmt.Errorf("%s takes a text; put it into quotes: %w", s.Key, schemas.ErrSettingValue)
		}
		return n.Value, nil
	}
}
