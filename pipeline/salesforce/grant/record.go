package grant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
)

// form is the version of the file's content.
const form = 1

// maxFile bounds what is read: a refresh token has about a hundred characters.
const maxFile = 64 << 10

// record is the content of the file.
type record struct {
	Form     int       `json:"form"`
	LoginURL string    `json:"login_url"`
	ClientID string    `json:"client_id"`
	Token    string    `json:"refresh_token"`
	Changed  time.Time `json:"changed"`
	// InDoubt is set while the token is with the org, and stays so if the answer never came.
	InDoubt bool `json:"in_doubt"`
}

func (r record) seal(to age.Recipient) ([]byte, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

func unseal(sealed []byte, identity age.Identity) (record, error) {
	if len(sealed) > maxFile {
		return record{}, fmt.Errorf("the file is larger than %d KiB", maxFile>>10)
	}
	in, err := age.Decrypt(bytes.NewReader(sealed), identity)
	if errors.As(err, new(*age.NoIdentityMatchError)) {
		return record{}, errors.New("it was encrypted with another snapshot key")
	}
	var plain []byte
	if err == nil {
		plain, err = io.ReadAll(in)
	}
	if err != nil {
		return record{}, errors.New("the file is damaged")
	}
	return decode(plain)
}

// decode reads the content. The decoder's own error is dropped: it may quote the token.
func decode(plain []byte) (record, error) {
	var r record
	if err := json.Unmarshal(plain, &r); err != nil {
		return record{}, errors.New("the file's content can't be read")
	}
	if r.Form != form {
		return record{}, fmt.Errorf("the file is of form %d, and this version of crmsync reads %d", r.Form, form)
	}
	if r.Token == "" {
		return record{}, errors.New("the file holds no token")
	}
	return r, nil
}

// check refuses a token of another app: sending it would show it to whom it was not granted.
func (r record) check(app App) error {
	if r.ClientID != app.ClientID {
		return errors.New("it was granted to another app than salesforce.client_id names now")
	}
	if r.LoginURL != app.LoginURL {
		return fmt.Errorf("it was granted at %s, and salesforce.login_url is %s now", r.LoginURL, app.LoginURL)
	}
	return nil
}
