#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace prumux::runtime::kernels {

/// Memory on cache-line borders, zero at first. Grows and never shrinks; growing loses the content.
template <typename Element>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) { reserve(size); }

  Element* reserve(std::size_t size) {
    if (size > size_) {
      const std::size_t bytes = size * sizeof(Element);
      data_.reset(static_cast<Element*>(::operator new(bytes, kAlignment)));
      std::memset(static_cast<void*>(data_.get()), 0, bytes);
      size_ = size;
    }
    return data_.get();
  }

  Element* data() { return data_.get(); }
  const Element* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(Element* pointer) const { ::operator delete(pointer, kAlignment); }
  };

  std::unique_ptr<Element, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace prumux::runtime::kernels
