{ // somebody before the camera who reads the page's hints; see actor.go, which fills in the pictures
  const poses = {};
  const bitmap = (base64) => createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: 'image/jpeg' }));
  const act = async () => {
    const pictures = {};
    for (const [pose, jpegs] of Object.entries(poses)) pictures[pose] = await Promise.all(jpegs.map(bitmap));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [pictures.front[0].width, pictures.front[0].height];
    const brush = canvas.getContext('2d');
    let said = '', doing = '', saidAt = 0, until = 0, shown = pictures.front[0];
    const draw = () => {
      const now = performance.now();
      const hint = document.querySelector('[data-stage]')?.dataset.hint ?? '';
      if (hint !== said) [said, saidAt] = [hint, now];
      if (doing !== said && now - saidAt > 450) [doing, until] = [said, 0];
      if (now >= until) { // any but the one before: nobody repeats a movement to the frame
        const others = (pictures[doing] ?? pictures.front).filter((p) => p !== shown);
        [shown, until] = [others[Math.floor(Math.random() * others.length)] ?? shown, now + 400];
      }
      brush.drawImage(shown, 0, 0);
    };
    draw();
    const stream = canvas.captureStream(25);
    const drawing = setInterval(() => (stream.active ? draw() : clearInterval(drawing)), 40);
    return stream;
  };
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = act;
}
