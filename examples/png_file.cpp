#include "png_file.h"

#include <png.h>

namespace example {

void write_png(const std::string& path, const tarry::Array& grey) {
  if (grey.ndim() != 2 || grey.dtype() != tarry::uint8)
    throw tarry::ValueError("a grey picture is a uint8 array of two dimensions");
  png_image picture{};
  picture.version = PNG_IMAGE_VERSION;
  picture.height = static_cast<png_uint_32>(grey.shape()[0]);
  picture.width = static_cast<png_uint_32>(grey.shape()[1]);
  picture.format = PNG_FORMAT_GRAY;
  if (!png_image_write_to_file(&picture, path.c_str(), 0, grey.data<uint8_t>(), 0, nullptr))
    throw tarry::IOError("cannot write '" + path + "': " + picture.message);
}

}  // namespace example
