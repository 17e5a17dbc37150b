// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/head_store.h"

#include <algorithm>
#include <utility>

namespace bsfa::gui {
namespace {

constexpr int kUrgent = 2, kAhead = 1, kPictures = 0;

std::size_t bytes_of(const TileField& field) {
  std::size_t total = sizeof(field);
  for (const Plane& plane : field.levels)
    total += plane.values.size() * sizeof(float) + plane.classes.size();
  return total;
}

bool has_tiles(const HeadArrays& arrays) {
  return arrays.tile_max || arrays.tile_mass || arrays.tile_mass_max || arrays.mask_kernel ||
         arrays.mask_reference;
}

}  // namespace

HeadStore::HeadStore(std::shared_ptr<const TraceFile> file, QObject* parent,
                     std::size_t budget_bytes)
    : QObject(parent), file_(std::move(file)), budget_(budget_bytes) {}

HeadStore::~HeadStore() = default;

std::shared_ptr<const HeadArrays> HeadStore::find(HeadKey key) {
  const auto found = held_.find(key);
  if (found == held_.end()) return nullptr;
  uses_.splice(uses_.begin(), uses_, found->second.use);
  return found->second.arrays;
}

bool HeadStore::loading(HeadKey key) const {
  return jobs_.contains(key);
}

double HeadStore::progress(HeadKey key) const {
  const auto found = jobs_.find(key);
  return found == jobs_.end() || !found->second ? 0.0 : found->second->progress();
}

void HeadStore::request(HeadKey key) {
  start(key, kUrgent);
}

void HeadStore::request_neighbours(HeadKey key) {
  const traces::Sequence* overview = file_->overview(key.sequence);
  if (overview == nullptr) return;
  for (const std::int64_t head : {key.head + 1, key.head - 1}) {
    if (head >= 0 && head < overview->shape.heads) start({key.sequence, head}, kAhead);
  }
}

void HeadStore::start(HeadKey key, int priority) {
  if (held_.contains(key) || jobs_.contains(key)) return;
  auto* job = LoadJob::start<TraceFile::Head>(
      this,
      [file = file_, key](const JobControl& control) { return file->read_head(key, control); },
      [this, key](TraceFile::Head head) { take(key, std::move(head)); }, priority);
  connect(job, &LoadJob::progressed, this,
          [this, key](double share) { emit progressed(key, share); });
  connect(job, &LoadJob::failed, this, [this, key](const QString& text) {
    jobs_.erase(key);
    emit failed(key, text);
  });
  jobs_[key] = job;
}

void HeadStore::cancel_others(HeadKey key) {
  // Cancelling tells others, who may ask for more: the list is taken first.
  const auto jobs = std::exchange(jobs_, {});
  for (const auto& [other, job] : jobs) {
    if (other == key) {
      jobs_[other] = job;
    } else if (job) {
      job->cancel();
    }
  }
}

void HeadStore::take(HeadKey key, TraceFile::Head head) {
  jobs_.erase(key);
  const QString error = head.error;
  // Views that hear of the head first can show it beside what is wrong with it.
  if (head.arrays && (error.isEmpty() || has_tiles(*head.arrays))) {
    keep(key, std::move(head));
    emit loaded(key);
  }
  if (!error.isEmpty()) emit failed(key, error);
}

void HeadStore::keep(HeadKey key, TraceFile::Head head) {
  bytes_ += head.arrays->bytes();
  uses_.push_front(key);
  held_[key] = {std::move(head.arrays), uses_.begin(), std::move(head.error)};
  while (bytes_ > budget_ && uses_.size() > 1) {
    const auto oldest = held_.find(uses_.back());
    bytes_ -= oldest->second.arrays->bytes();
    held_.erase(oldest);
    uses_.pop_back();
  }
}

QString HeadStore::error(HeadKey key) const {
  const auto found = held_.find(key);
  return found == held_.end() ? QString() : found->second.error;
}

std::shared_ptr<const TileField> HeadStore::thumbnail(HeadKey key, Field field) const {
  const auto found = thumbnails_.find({key, field});
  return found == thumbnails_.end() ? nullptr : found->second;
}

void HeadStore::request_thumbnail(HeadKey key, Field field) {
  const ThumbnailKey wanted{key, field};
  if (thumbnails_.contains(wanted) || thumbnail_jobs_.contains(wanted)) return;
  if (!file_->thumbnail_reads_tiles(key.sequence, field, kThumbnailSide))
    return start_thumbnail(wanted);
  if (whole_now_ == wanted || std::find(whole_.begin(), whole_.end(), wanted) != whole_.end())
    return;
  whole_.push_back(wanted);
  start_next_whole();
}

void HeadStore::start_next_whole() {
  if (whole_now_ || whole_.empty()) return;
  whole_now_ = whole_.front();
  whole_.pop_front();
  start_thumbnail(*whole_now_);
}

void HeadStore::start_thumbnail(const ThumbnailKey& wanted) {
  auto* job = LoadJob::start<Picture>(
      this,
      [file = file_, wanted](const JobControl&) {
        Picture picture;
        picture.field =
            file->read_thumbnail(wanted.first, wanted.second, kThumbnailSide, &picture.error);
        return picture;
      },
      [this, wanted](Picture picture) { take_thumbnail(wanted, std::move(picture)); }, kPictures);
  connect(job, &LoadJob::failed, this, [this, wanted](const QString& text) {
    take_thumbnail(wanted, {std::nullopt, text});
  });
  thumbnail_jobs_[wanted] = job;
}

void HeadStore::take_thumbnail(const ThumbnailKey& wanted, Picture picture) {
  thumbnail_jobs_.erase(wanted);
  if (whole_now_ == wanted) whole_now_.reset();
  start_next_whole();
  keep_thumbnail(wanted, picture.field ? std::move(*picture.field) : TileField{});
  if (!picture.error.isEmpty()) emit thumbnail_failed(wanted.first, wanted.second, picture.error);
  emit thumbnail_loaded(wanted.first, wanted.second);
}

void HeadStore::keep_thumbnail(const ThumbnailKey& key, TileField field) {
  thumbnail_bytes_ += bytes_of(field);
  thumbnails_[key] = std::make_shared<const TileField>(std::move(field));
  thumbnail_order_.push_back(key);
  while (thumbnail_bytes_ > kThumbnailBytes && thumbnail_order_.size() > 1) {
    const auto oldest = thumbnails_.find(thumbnail_order_.front());
    thumbnail_bytes_ -= bytes_of(*oldest->second);
    thumbnails_.erase(oldest);
    thumbnail_order_.pop_front();
  }
}

}  // namespace bsfa::gui
