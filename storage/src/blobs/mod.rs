//! Blobs in container files of our own.
mod container;
mod container_blobs;
mod record;
mod slots;
mod space;

pub(crate) use container_blobs::ContainerBlobs;
