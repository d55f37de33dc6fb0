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
mod erasures;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod live;
#[cfg(test)]
mod logs;
mod nearby;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod photos;
#[cfg(test)]
mod warnings;
