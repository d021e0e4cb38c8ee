package matcher

import "math"

// pose is how a head is held, measured on the five points in units of the distance from the eyes to the mouth.
type pose struct {
	yaw   float64 // 0 to the front; positive: towards the picture's right, which is the person's own left
	pitch float64 // the nose's height between eyes and mouth; only against the person's own baseline
	roll  float64 // radians; positive: the picture's right eye is the lower one
}

// poseOf levels the eyes, then asks how far the tip of the nose lies off the line from between the eyes to the mouth:
// frontal up to 0.08, turned from 0.15 on (DESIGN, section 7).
func poseOf(five [5]point) pose {
	eyes := point{(five[0].x + five[1].x) / 2, (five[0].y + five[1].y) / 2}
	mouth := point{(five[3].x + five[4].x) / 2, (five[3].y + five[4].y) / 2}
	roll := math.Atan2(five[1].y-five[0].y, five[1].x-five[0].x)
	nose, chin := turn(five[2], eyes, -roll), turn(mouth, eyes, -roll)
	h := math.Max(chin.y, 1)
	return pose{yaw: (nose.x - chin.x*nose.y/h) / h, pitch: nose.y / h, roll: roll}
}

// turn rotates a point about a centre and answers it relative to that centre.
func turn(p, centre point, angle float64) point {
	sin, cos := math.Sincos(angle)
	x, y := p.x-centre.x, p.y-centre.y
	return point{x*cos - y*sin, x*sin + y*cos}
}
