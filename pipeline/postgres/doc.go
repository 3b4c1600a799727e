// Package postgres is where crmsync meets PostgreSQL: a private server, a pool, migrations and bulk loads.
//
// A Server is a PostgreSQL of our own in one folder, reached over a unix socket only. Its nouns:
//
//   - The folder holds data/ (the cluster), socket/, server.log and three lock files.
//   - A client is a process that called Start. It holds clients.lock shared until Stop, or until it ends in whatever way.
//   - The supervisor is one small process per running server: this same program, started again. It holds supervisor.lock, is the
//     parent of the postmaster, and waits for clients.lock exclusively. Once it has that, no client is left and it stops the
//     server. So the server outlives the client that started it for as long as another one needs it, and never much longer.
//   - server.lock is held by one client at a time, while it starts, attaches to or leaves the server.
//
// Invariants: whoever holds clients.lock shared has a server that nobody stops on purpose; a cluster appears whole or not at all;
// kill -9 of any of these processes at any moment leaves a folder that the next Start brings up.
//
// A DB is a pool on that server or on any other of version 15 or newer. LoadAll brings several tables to the state of their
// sources in one transaction and touches only the rows that differ.
//
// Passwords of connection strings appear in no error of this package.
package postgres
