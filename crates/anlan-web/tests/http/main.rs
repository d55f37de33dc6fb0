//! The HTTP door from outside: a real store, the real application, requests through the router or a socket.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod alerts;
#[cfg(test)]
mod asking;
#[cfg(test)]
mod authenticators;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod description;
#[cfg(test)]
mod directories;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod enrolments;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod erasures;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod live;
#[cfg(test)]
mod locks;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod looks;
#[cfg(test)]
mod machines;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod nearby;
#[cfg(test)]
mod open311;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod photos;
#[cfg(test)]
mod posts;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod rates;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod scim;
#[cfg(test)]
mod searches;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod things;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod totps;
#[cfg(test)]
mod warnings;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod witnesses;
