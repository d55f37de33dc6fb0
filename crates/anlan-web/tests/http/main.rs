//! The HTTP door from outside: a real store, the real application, requests through the router or a socket.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod description;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod live;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod nearby;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod photos;
#[cfg(test)]
mod rates;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod things;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod warnings;
#[cfg(test)]
mod wire;
