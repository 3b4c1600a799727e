package snapshot

import (
	"fmt"
	"os"
	"path/filepath"
)

// disk does what changes the folder. Every step is named before it is done, so that tests can stop the process between any two.
type disk struct {
	before func(step, path string)
}

func (d disk) step(step, path string) {
	if d.before != nil {
		d.before(step, path)
	}
}

func (d disk) mkdir(path string) error {
	d.step("mkdir", path)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	return nil
}

func (d disk) create(path string) (*os.File, error) {
	d.step("create", path)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create file: %w", err)
	}
	return f, nil
}

func (d disk) sync(f *os.File) error {
	d.step("sync", f.Name())
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	return nil
}

func (d disk) close(f *os.File) error {
	d.step("close", f.Name())
	if err := f.Close(); err != nil {
		return fmt.Errorf("close file: %w", err)
	}
	return nil
}

func (d disk) rename(from, to string) error {
	d.step("rename", to)
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("name file: %w", err)
	}
	return nil
}

func (d disk) syncDir(path string) error {
	d.step("sync folder", path)
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

func (d disk) remove(path string) error {
	d.step("remove", path)
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("remove %s: %w", filepath.Base(path), err)
	}
	return nil
}
