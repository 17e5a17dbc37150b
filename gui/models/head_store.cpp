// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/head_store.h"

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
      [this, key](TraceFile::Head head) {
        jobs_.erase(key);
        if (head.arrays) keep(key, std::move(head.arrays));
        if (!head.error.isEmpty()) emit failed(key, head.error);
        if (held_.contains(key)) emit loaded(key);
      },
      priority);
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

void HeadStore::keep(HeadKey key, std::shared_ptr<const HeadArrays> arrays) {
  bytes_ += arrays->bytes();
  uses_.push_front(key);
  held_[key] = {std::move(arrays), uses_.begin()};
  while (bytes_ > budget_ && uses_.size() > 1) {
    const auto oldest = held_.find(uses_.back());
    bytes_ -= oldest->second.arrays->bytes();
    held_.erase(oldest);
    uses_.pop_back();
  }
}

std::shared_ptr<const TileField> HeadStore::thumbnail(HeadKey key, Field field) const {
  const auto found = thumbnails_.find({key, field});
  return found == thumbnails_.end() ? nullptr : found->second;
}

void HeadStore::request_thumbnail(HeadKey key, Field field) {
  const ThumbnailKey wanted{key, field};
  if (thumbnails_.contains(wanted) || thumbnail_jobs_.contains(wanted)) return;
  auto* job = LoadJob::start<std::optional<TileField>>(
      this,
      [file = file_, key, field](const JobControl&) {
        return file->read_thumbnail(key, field, kThumbnailSide);
      },
      [this, wanted](std::optional<TileField> picture) {
        thumbnail_jobs_.erase(wanted);
        keep_thumbnail(wanted, picture ? std::move(*picture) : TileField{});
        emit thumbnail_loaded(wanted.first, wanted.second);
      },
      kPictures);
  connect(job, &LoadJob::failed, this, [this, wanted] { thumbnail_jobs_.erase(wanted); });
  thumbnail_jobs_[wanted] = job;
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
