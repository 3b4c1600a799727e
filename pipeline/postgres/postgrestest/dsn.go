package postgrestest

import (
	"fmt"
	"net/url"
	"strings"
)

// WithDatabase returns the connection string with another database's name, whether it is a URL or key=value pairs.
func WithDatabase(dsn, name string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " dbname=" + name, nil // of a key given twice, the last counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", fmt.Errorf("the server's connection string is no URL") // the cause may quote its password
	}
	u.Path = "/" + name
	return u.String(), nil
}
