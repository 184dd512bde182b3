"""Read annotation files in MPII's or COCO's layout into one kind of object.

All annotated people are read here: for training and evaluation, which stop at the first
problem, and for ``check-data``, which collects all problems.

Letters: N people, K joints.  Positions are 0-based pixels (:mod:`.crop`).
"""

import dataclasses
import logging
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set

import numpy as np

from ..errors import UserError
from ..fields import (
    OBJECT,
    TEXT,
    WHOLE,
    Kind,
    check_object,
    list_of,
    numbers,
    read_columns,
)
from ..files import read_json
from ..keypoints.keypoint_set import KeypointSet
from .crop import (
    MPII_ORIGIN,
    PIXELS_PER_SCALE,
    boxes_of_crops,
    clip_boxes,
    crops_of_boxes,
    crops_of_people,
)
from .images import MAX_PIXEL, ImageError, image_header, number_in, orientation

logger = logging.getLogger(__name__)

#: The layouts: a list of people as HRNet distributes for MPII, and COCO's object.
MPII, COCO = "mpii", "coco"

#: Kinds of problems of a record, for the table of ``check-data``.
WRONG_VALUE, IMPOSSIBLE = "missing or wrong value", "impossible value"

#: Crops smaller than this, in pixels, show no joints: normalised boxes, say.
LEAST_SIDE = 4.0

#: Images whose size is compared with the stated one before training.
MOST_SIZES = 1000

#: COCO's category of people, of which detections are read.
PERSON_CATEGORY = 1

OBJECTS = list_of(OBJECT, "a list of objects, at least one", least=1)
SIZE = numbers(above=0)


class Problem(NamedTuple):
    """What is wrong with a record: the kind, its 0-based index, image and details."""

    kind: str
    record: int
    image: str
    detail: str


@dataclass(frozen=True)
class People:
    """The people of an annotation file, one row each.

    Attributes:
        path: the file.
        layout: ``mpii`` or ``coco``.
        images: N file names, relative to the folder of the images.
        image_ids: N numbers of images: COCO's ids or, in MPII's layout, the numbers in
            the names; if a name has none, images are numbered as they appear.
        centers, scales: (N, 2) centres of the people's square crops, and their width
            and height / 200 px.
        records: (N,) indices of the people's records in the file.
        boxes: (N, 4) x, y, width, height, clipped to the image; None in MPII's layout.
        joints: (N, K, 2); None if nobody is annotated.
        visible: (N, K) bool, whether a joint is annotated; None like ``joints``.
        ids: (N,) COCO's ids of the annotations, else None.
        areas: (N,) square pixels; None in MPII's layout.
        sizes: (N, 2) width and height of the images as a COCO file states them.
        scores: (N,) scores of detected boxes, else None.
        head_boxes: (N, 2, 2) upper left and lower right corner, NaN for people without;
            None if nobody has one.
        rectangles: (N,) 1-based indices into the ``annorect`` of MPII's own file; None
            if a record lacks it.
        unannotated: number of people without joints.
        total: number of records in the file, of which some may be left out.
        left_out: number of records that are left out, by reason.
    """

    path: str
    layout: str
    images: List[str]
    image_ids: List[int]
    centers: np.ndarray
    scales: np.ndarray
    records: np.ndarray
    boxes: Optional[np.ndarray] = None
    joints: Optional[np.ndarray] = None
    visible: Optional[np.ndarray] = None
    ids: Optional[np.ndarray] = None
    areas: Optional[np.ndarray] = None
    sizes: Optional[np.ndarray] = None
    scores: Optional[np.ndarray] = None
    head_boxes: Optional[np.ndarray] = None
    rectangles: Optional[np.ndarray] = None
    unannotated: int = 0
    total: int = 0
    left_out: Dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)

    def check_targets(self) -> None:
        """Refuse people of whom a training run could learn nothing.

        Raises:
            UserError: no joint is annotated, or all lie outside their crops.
        """
        if self.joints is not None and not self.targets.any():
            problem = "lies in its crop" if self.visible.any() else "is annotated"
            raise UserError(
                f"{self.path}: no joint {problem}: there is nothing to learn from"
            )

    def take(self, chosen: Sequence[int]) -> "People":
        """The people of these indices, in this order."""
        chosen = np.asarray(chosen, int)
        columns: Dict[str, Any] = {
            name: value[chosen]
            for name, value in vars(self).items()
            if isinstance(value, np.ndarray)
        }
        for name in ("images", "image_ids"):
            values = getattr(self, name)
            columns[name] = [values[index] for index in chosen]
        return dataclasses.replace(self, **columns)

    def where(self, person: int) -> str:
        """File, record and image of a person, for messages."""
        record, image = self.records[person], self.images[person]
        name = f"annotations[{record}]" if self.ids is not None else f"record {record}"
        return f"{self.path}: {name} (image {image})"

    @property
    def sides(self) -> np.ndarray:
        """(N,) longer side of each person's box, before the crop's padding, pixels."""
        return boxes_of_crops(self.centers, self.scales)[:, 2:].max(axis=1)

    @property
    def crop_sides(self) -> np.ndarray:
        """(N,) side of each person's square crop, pixels."""
        return self.scales.max(axis=1) * PIXELS_PER_SCALE

    def with_aspect(self, aspect: float) -> "People":
        """The people with crops of another shape, width / height, around boxes."""
        if self.boxes is None or aspect == 1:
            return self
        centers, scales = (v.astype(float) for v in crops_of_boxes(self.boxes, aspect))
        return dataclasses.replace(self, centers=centers, scales=scales)

    @property
    def targets(self) -> np.ndarray:
        """(N, K) bool, annotated joints inside the crop: those that are learned."""
        offsets = abs(self.joints - self.centers[:, None])
        return self.visible & (offsets <= self.crop_sides[:, None, None] / 2).all(2)

    def check_images(self, folder: str) -> None:
        """Check that the images are there, and of the size that the file states.

        Raises:
            UserError: the folder or an image does not exist, or one of ``MOST_SIZES``
                images at equal distances has another size.
        """
        if not os.path.isdir(folder):
            raise UserError(f"image folder {folder} of {self.path} does not exist")
        missing = find_missing_images(self.images, folder)
        if missing:
            raise UserError(
                f"{self.where(missing[0])} is not in {folder}; {len(missing)} of "
                f"{len(self)} people have no image"
            )
        if self.sizes is None:
            return
        step = -(-len(self) // MOST_SIZES)
        for person in range(0, len(self), step):
            path, stated = os.path.join(folder, self.images[person]), self.sizes[person]
            try:
                size, _ = image_header(path)
            except ImageError:
                continue  # is named when it is read
            if tuple(stated) != size:
                advice = "was it resized after labelling?"
                if orientation(path) > 4 and tuple(stated) == size[::-1]:
                    advice = "positions must be in stored pixels, not in those of the "
                    advice += "image that its EXIF orientation turns upright"
                raise UserError(
                    f"{self.where(person)}: the file states {stated[0]:g} x "
                    f"{stated[1]:g} pixels, but {path} has {size[0]} x {size[1]}: "
                    f"{advice} (check-data lists all)"
                )


def find_missing_images(names: Sequence[str], folder: str) -> List[int]:
    """Indices of the names without a file in ``folder``."""
    present = set(os.listdir(folder))
    return [
        index
        for index, name in enumerate(names)
        if name not in present and not os.path.isfile(os.path.join(folder, name))
    ]


def read_people(
    path: str,
    keypoints: KeypointSet,
    need_joints: bool = True,
    problems: Optional[List[Problem]] = None,
) -> People:
    """Read an annotation file.

    In MPII's layout it is a list of records with ``image``, ``center``, ``scale``,
    ``joints`` (or ``gt_joints``) and ``joints_vis``; ``head_box`` [x1, y1, x2, y2] and
    ``rectangle`` are optional.  In COCO's it is an object with ``images``,
    ``annotations`` and ``categories``; annotations without keypoints and crowds are
    left out, and a missing ``area`` is that of the box.

    Args:
        path: the file.
        keypoints: the K joints.
        need_joints: whether a record of MPII's layout without joints is a problem.
        problems: collects the problems of records, which are left out.  Without it,
            the first one is an error.

    Raises:
        UserError: the file is missing, is neither, or has no people or other joints; or
            a record is wrong.  The message names file, record and image.
    """
    content = read_json(path, "annotation file")
    if isinstance(content, dict):
        people = _read_coco(_Records(path, content, problems), keypoints)
    else:
        check_object({"records": content}, {"records": OBJECTS}, path)
        people = _read_mpii(_Records(path, content, problems), keypoints, need_joints)
    if problems is None and not len(people):
        raise UserError(f"{path} holds no person with joints: {people.left_out}")
    return people


class _Records:
    """The records of a file while they are read: raises or collects their problems.

    Those in ``dropped`` have a problem or are left out; ``kept`` are the others.
    """

    def __init__(
        self, path: str, content: Any, problems: Optional[List[Problem]]
    ) -> None:
        self.path = path
        self.content = content
        self.problems = problems
        self.is_coco = isinstance(content, dict)
        if self.is_coco:
            lists = dict.fromkeys(("images", "annotations", "categories"), OBJECTS)
            check_object(content, lists, f"COCO annotation file {path}")
        self.rows: List[Dict[str, Any]] = (
            content["annotations"] if self.is_coco else content
        )
        self.dropped: Set[int] = set()

    @property
    def kept(self) -> np.ndarray:
        """Indices of the other records."""
        return np.array(
            [i for i in range(len(self.rows)) if i not in self.dropped], int
        )

    def where(self, record: int) -> str:
        row = self.rows[record]
        if self.is_coco:
            return f"{self.path}: annotations[{record}] (id {row.get('id')!r})"
        return f"{self.path}: record {record} (image {row.get('image', '?')})"

    def refuse(self, record: int, detail: str, kind: str = WRONG_VALUE) -> None:
        if self.problems is None:
            raise UserError(f"{self.where(record)}: {detail}")
        row = self.rows[record]
        image = str(row.get("image", row.get("image_id", "?")))
        self.problems.append(Problem(kind, int(record), image, detail))
        self.dropped.add(record)

    def columns(
        self, kinds: Dict[str, Kind], optional: Dict[str, Kind]
    ) -> Dict[str, Any]:
        """The kept records' values; of the optional keys, NaN (None) where missing."""

        def read(records: np.ndarray, kinds: Dict[str, Kind]) -> Dict[str, Any]:
            rows = [self.rows[record] for record in records]
            return read_columns(rows, kinds, lambda index: self.where(records[index]))

        if self.problems is not None:
            for record in self.kept.tolist():
                row = self.rows[record]
                given = {key: kind for key, kind in optional.items() if key in row}
                try:
                    check_object(row, {**kinds, **given}, "")
                except UserError as error:
                    self.refuse(record, str(error).removeprefix(": "))
        kept = self.kept
        columns = read(kept, kinds)
        for key, kind in optional.items():
            has = np.array([key in self.rows[record] for record in kept], bool)
            values = read(kept[has], {key: kind})[key]
            columns[key] = None
            if has.any():
                values = np.asarray(values, np.float64)
                columns[key] = np.full((len(has), *values.shape[1:]), np.nan)
                columns[key][has] = values
        return columns

    def take_sound(self, people: People) -> People:
        """The people whose values can be true; problems of the others."""
        outside = abs(people.centers).max(axis=1, initial=0) > MAX_PIXEL
        outside |= people.crop_sides > MAX_PIXEL
        if people.joints is not None:
            far = (abs(people.joints) > MAX_PIXEL).any(axis=2) & people.visible
            outside |= far.any(axis=1)
        if people.head_boxes is not None:
            outside |= (abs(people.head_boxes) > MAX_PIXEL).any(axis=(1, 2))
        small = people.crop_sides < LEAST_SIDE
        for person in np.flatnonzero(outside | small).tolist():
            row = self.rows[people.records[person]]
            keys = ("bbox",) if self.is_coco else ("center", "scale")
            given = ", ".join(f"{key} {row[key]}" for key in keys)
            limit = f"reaches beyond {MAX_PIXEL:g} px"
            if small[person]:
                limit = f"makes a crop of {people.crop_sides[person]:.3g} px"
            self.refuse(people.records[person], f"{given} {limit}", IMPOSSIBLE)
        return people.take(np.flatnonzero(~(outside | small)))


def _read_mpii(records: _Records, keypoints: KeypointSet, need_joints: bool) -> People:
    count = len(keypoints)
    nothing = {"joints": [[MPII_ORIGIN] * 2] * count, "joints_vis": [0] * count}
    lacking = set()
    records.rows = rows = list(records.rows)
    for index, row in enumerate(rows):
        if "gt_joints" in row:  # so PaddleDetection 2.7 calls them
            rows[index] = {"joints": row["gt_joints"], **row}
        elif "joints" not in row:
            lacking.add(index)
            if need_joints:
                problem = "neither 'joints' nor 'gt_joints', which training needs"
                records.refuse(index, problem)
            rows[index] = {**row, **nothing}
    kinds = {"image": TEXT, "center": numbers(2), "scale": numbers(above=0)}
    kinds["joints"] = numbers(count, 2, note="num_joints x 2")
    kinds["joints_vis"] = numbers(count, note="num_joints", flags=True)
    optional = {"head_box": numbers(4), "rectangle": WHOLE}
    columns = records.columns(kinds, optional)
    centers, scales = crops_of_people(columns["center"], columns["scale"])
    heads, rectangles = columns["head_box"], columns["rectangle"]
    if rectangles is not None and np.isnan(rectangles).any():
        rectangles = None
    unannotated = len(lacking & set(records.kept.tolist()))
    has_joints = unannotated < len(records.kept)
    people = People(
        records.path,
        MPII,
        columns["image"],
        _numbers_of(columns["image"]),
        centers,
        scales,
        records.kept,
        joints=columns["joints"] - MPII_ORIGIN if has_joints else None,
        visible=columns["joints_vis"] > 0 if has_joints else None,
        head_boxes=None if heads is None else heads.reshape(-1, 2, 2) - MPII_ORIGIN,
        rectangles=None if rectangles is None else rectangles.astype(int),
        unannotated=unannotated,
        total=len(rows),
    )
    return records.take_sound(people)


def _numbers_of(images: Sequence[str]) -> List[int]:
    numbers_ = [number_in(name) for name in images]
    if None not in numbers_:
        return numbers_
    indices: Dict[str, int] = {}
    return [indices.setdefault(name, len(indices)) for name in images]


def _read_coco(records: _Records, keypoints: KeypointSet) -> People:
    path, rows, count = records.path, records.rows, len(keypoints)
    _check_categories(path, records.content["categories"], keypoints)
    images = _read_images(path, records.content["images"])
    row_of = {number: index for index, number in enumerate(images["id"])}
    left_out: Dict[str, int] = Counter()
    for record, row in enumerate(rows):
        crowd = row.get("iscrowd")
        if crowd or not row.get("keypoints"):
            left_out["crowds" if crowd else "annotations without keypoints"] += 1
            records.dropped.add(record)
    ids = dict.fromkeys(("id", "image_id", "category_id"), WHOLE)
    values = {"bbox": numbers(4), "keypoints": numbers(3 * count, note=f"3 x {count}")}
    optional = {"area": numbers()}
    records.columns({**ids, **values}, optional)
    seen = set()
    for record in records.kept.tolist():
        if rows[record]["image_id"] not in row_of:
            records.refuse(record, f"no image has id {rows[record]['image_id']}")
        elif rows[record]["id"] in seen:
            records.refuse(record, "an earlier annotation has the same 'id'")
        seen.add(rows[record]["id"])
    columns = records.columns({**ids, **values}, optional)
    kept = records.kept
    image = np.array([row_of[number] for number in columns["image_id"]], int)
    joints = columns["keypoints"].reshape(-1, count, 3)
    sizes = np.column_stack([images["width"], images["height"]])[image]
    boxes, areas = clip_boxes(columns["bbox"], sizes), columns["bbox"][:, 2:].prod(1)
    has_area = np.zeros(len(areas), bool)
    if columns["area"] is not None:
        has_area = columns["area"] > 0
        areas = np.where(has_area, columns["area"], areas)
    used = joints.max(axis=(1, 2), initial=0) > 0
    left_out["people without an annotated joint"] += int((~used).sum())
    no_box = (columns["bbox"][:, 2:] <= 0).any(axis=1) | (boxes[:, 2:] < 0).any(axis=1)
    for person in np.flatnonzero(used & no_box).tolist():
        record, (width, height) = kept[person], sizes[person]
        records.refuse(
            record,
            f"'bbox' {rows[record]['bbox']} (x, y, width, height) shows nothing of its "
            f"image of {width:g} x {height:g} pixels",
            IMPOSSIBLE,
        )
    if (used & ~has_area).any():
        logger.info(
            f"{path}: {(used & ~has_area).sum()} people have no area: that of their "
            "box is taken"
        )
    centers, scales = (v.astype(np.float64) for v in crops_of_boxes(boxes))
    people = People(
        path,
        COCO,
        [images["file_name"][index] for index in image],
        columns["image_id"],
        centers,
        scales,
        kept,
        boxes=boxes,
        joints=joints[..., :2],
        visible=joints[..., 2] > 0,
        ids=np.array(columns["id"], int),
        areas=areas,
        sizes=sizes,
        total=len(rows),
        left_out={reason: number for reason, number in left_out.items() if number},
    )
    chosen = np.flatnonzero(used & ~no_box)
    by_image = np.argsort(image[chosen], kind="stable")  # the stock reader's order
    return records.take_sound(people.take(chosen[by_image]))


def _check_categories(
    path: str, categories: List[Dict[str, Any]], keypoints: KeypointSet
) -> None:
    joints = list(keypoints.joints)
    for category in categories:
        names = category.get("keypoints")
        if names not in (None, [], joints):
            raise UserError(
                f"{path}: category {category.get('name')!r} has the keypoints {names}, "
                f"but {keypoints.source} lists {joints}"
            )


def _read_images(path: str, rows: List[Dict[str, Any]]) -> Dict[str, Any]:
    """Columns of a COCO file's images, whose ids must differ."""

    def where(index: int) -> str:
        return f"{path}: images[{index}] (id {rows[index].get('id')!r})"

    kinds = {"id": WHOLE, "file_name": TEXT, "width": SIZE, "height": SIZE}
    images = read_columns(rows, kinds, where)
    images["file_name"] = [name.replace("\\", "/") for name in images["file_name"]]
    first: Dict[int, int] = {}
    for index, number in enumerate(images["id"]):
        if first.setdefault(number, index) != index:
            raise UserError(f"{where(index)}: an earlier image has the same 'id'")
    return images


def read_detections(
    path: str, annotations: str, keypoints: KeypointSet, threshold: float = 0.0
) -> People:
    """Read detected people, COCO detection results, of a COCO annotation file's images.

    Args:
        path: a list of ``image_id``, ``category_id``, ``bbox`` and ``score``; those of
            other categories than people are left out.
        annotations: the annotation file.
        keypoints: its K joints.
        threshold: detections with a lower score are left out.

    Raises:
        UserError: a file is missing or wrong, or no detection is left.
    """
    content = read_json(annotations, "annotation file")
    check_object(content, {"images": OBJECTS}, f"COCO annotation file {annotations}")
    images = _read_images(annotations, content["images"])
    names = dict(zip(images["id"], images["file_name"]))
    rows = read_json(path, "detections (bbox_file)")
    check_object({"detections": rows}, {"detections": OBJECTS}, path)
    kinds = {"image_id": WHOLE, "category_id": WHOLE}
    kinds.update(bbox=numbers(4), score=numbers())
    columns = read_columns(rows, kinds, lambda index: f"{path}: record {index}")
    is_person = np.array(columns["category_id"]) == PERSON_CATEGORY
    chosen = np.flatnonzero(is_person & (columns["score"] >= threshold))
    if not chosen.size:
        raise UserError(
            f"{path}: none of {len(rows)} detections is of category {PERSON_CATEGORY} "
            f"(people) and has a score of at least {threshold:g}"
        )
    for index in chosen.tolist():
        problem = ""
        if columns["image_id"][index] not in names:
            problem = f"no image of {annotations} has id {columns['image_id'][index]}"
        elif (columns["bbox"][index, 2:] <= 0).any():
            problem = f"'bbox' {rows[index]['bbox']} has no width or no height"
        if problem:
            raise UserError(f"{path}: record {index}: {problem}")
    boxes = columns["bbox"][chosen]
    ids = [columns["image_id"][index] for index in chosen]
    centers, scales = (v.astype(np.float64) for v in crops_of_boxes(boxes))
    return People(
        path,
        COCO,
        [names[number] for number in ids],
        ids,
        centers,
        scales,
        chosen,
        boxes=boxes,
        scores=columns["score"][chosen],
        unannotated=len(chosen),
        total=len(rows),
        left_out={"other categories or low scores": len(rows) - len(chosen)},
    )
